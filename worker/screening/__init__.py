"""The classifiers of pictures, before they are worked on and before they leave."""
