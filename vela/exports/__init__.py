"""What can be taken away as a file: which lists there are, what they hold, and how a file of one is made."""
