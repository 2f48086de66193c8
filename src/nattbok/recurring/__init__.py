"""What comes again by itself: costs and income that are spread over months, posted when each month comes."""
