"""Proves the image: boots it as it is flashed, works it from outside, and looks inside by a channel of the test."""
