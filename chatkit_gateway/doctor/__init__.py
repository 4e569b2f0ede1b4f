"""The doctor: the deployment checklist, run; each finding says what is and what to do."""
