"""Changes, periods and people in words, in the reader's language, as pages and files say them."""
