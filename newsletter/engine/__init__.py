"""The engine: it wakes workers on any number of machines. What is to be done, the ledger knows."""
