"""A first look: a throwaway data folder of a box that has been at work for a month, made by the product's own parts."""
