"""
What is registered and what was accepted, in a database that decides between parallel requests.
"""
