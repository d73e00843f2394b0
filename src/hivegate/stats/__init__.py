"""Numbers -> estimates and changes: pure, and honest about what too little data cannot say."""
