"""The HTTP side: what a request must look like, and each error as a problem document."""
