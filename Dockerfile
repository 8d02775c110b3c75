FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ATRIUM_VAR=/var/lib/atrium-files
WORKDIR /srv/atrium
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# The addresses only satisfy the settings: collecting talks to no server.
RUN useradd --system atrium \
    && mkdir "$ATRIUM_VAR" \
    && DATABASE_URL=postgresql:// REDIS_URL=redis:// SECRET_KEY=build \
       python manage.py collectstatic --no-input \
    && chown -R atrium "$ATRIUM_VAR"
USER atrium
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", "--no-control-socket"]
