"""Contact sheets: pictures of fixed prompts on one page."""
