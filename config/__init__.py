"""The hall: settings, urls, celery, the embedded servers and the page frame."""
