from flask import Flask, abort, flash, get_flashed_messages, request, session

from redis_session_client.flask import RedisSessions

app = Flask(__name__)
sessions = RedisSessions(app, "redis://localhost:6379/0", insecure=True)  # for plain http
users = {"ada": "lovelace"}


@app.get("/")
def index():
    session["visits"] = session.get("visits", 0) + 1
    return {"messages": get_flashed_messages(), **session}


@app.post("/login")
def login():
    name = request.form["name"]
    if request.form["password"] != users.get(name):
        abort(403)
    sessions.login(name, name=name)  # a new ID for the session, which keeps its visits
    flash("Welcome")
    return "", 204


@app.post("/logout")
def logout():
    sessions.logout()
    return "", 204
