"""The words that make volumes of orders, and the orders themselves."""
