"""Where the apps are put together: only this room and the URLconf may name one."""
