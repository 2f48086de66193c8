"""What comes again by itself: costs that are spread over months, posted when each month comes."""
