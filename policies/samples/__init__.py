"""Sample customers to try the policies on, and the program that makes them."""
