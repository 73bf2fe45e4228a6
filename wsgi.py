"""The door for servers other than `vela serve`."""

from vela import logs
from vela.app import create_app
from vela.settings import Settings

settings = Settings.from_environment()
logs.configure(logs.style_for(settings.log))
app = create_app(settings)
