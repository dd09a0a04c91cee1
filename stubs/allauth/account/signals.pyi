from django.dispatch import Signal

user_logged_in: Signal
password_reset: Signal
