"""The peer: the bare endpoint that people write instead. No login, no audit, no quota."""

import os

from fastapi import FastAPI
from openai import AsyncOpenAI

app = FastAPI()
client = AsyncOpenAI(
    api_key="sk-benchmark", base_url=os.environ["CHATKIT_EMULATOR_URL"] + "/v1", max_retries=0
)


@app.post("/chatkit/session")
async def create_session() -> dict[str, str]:
    """Issue a client secret to anybody."""
    session = await client.beta.chatkit.sessions.create(
        user="anybody", workflow={"id": "wf_benchmark"}
    )
    return {"client_secret": session.client_secret}
