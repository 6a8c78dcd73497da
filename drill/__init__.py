"""The drill: an emergency rehearsed on a line of the file, over and over, with everything going wrong that may."""
