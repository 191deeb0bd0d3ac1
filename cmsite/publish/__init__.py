"""What happens to a built site beside its building: history of its index, collection of what is no longer needed."""
