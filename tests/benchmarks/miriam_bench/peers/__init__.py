"""The same work, done with other frameworks in the way that their own documentation recommends."""
