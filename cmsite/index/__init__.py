"""The static index: value types, emission and reading, shared by publisher and client; pure, no input or output."""
