"""What made the tables and what changed them, a module a step (`service.store.schema`)."""
