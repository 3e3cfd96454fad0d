"""The link to the cloud: relay lanes out, intake in, breakers and their state."""
