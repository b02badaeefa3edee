"""Looking at what a dispatch rests on: domain, links, provider, clock, disk, database.

Nothing here sends mail or changes anything. What cannot be asked is said to be so: that is not
the same as wrong.
"""
