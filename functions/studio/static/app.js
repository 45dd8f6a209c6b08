// Starts the page: one field, one press, one picture.
import { h, render } from "./vendor/preact.js";
import { useState } from "./vendor/preact-hooks.js";
import htm from "./vendor/htm.js";

const html = htm.bind(h);

async function draw(prompt) {
  const answer = await fetch("/v1/jobs", {
    method: "POST",
    headers: { "Content-Type": "application/json", Prefer: "wait=60" },
    body: JSON.stringify({ task: "generate", prompt }),
  });
  const job = await answer.json();
  if (!answer.ok) throw new Error(job.detail);
  return job;
}

function Studio() {
  const [prompt, setPrompt] = useState("");
  const [status, setStatus] = useState("");
  const [pictures, setPictures] = useState([]);
  const press = async (event) => {
    event.preventDefault();
    setStatus("Drawing …");
    try {
      const job = await draw(prompt);
      setPictures(job.images);
      setStatus(job.state);
    } catch (error) {
      setStatus(error.message);
    }
  };
  return html`<main>
    <h1>Plantain</h1>
    <form onSubmit=${press}>
      <label>Describe a picture <input value=${prompt} onInput=${(event) => setPrompt(event.target.value)} required /></label>
      <button>Make</button>
    </form>
    <p role="status">${status}</p>
    ${pictures.map((picture) => html`<img src=${picture.url} alt=${prompt} key=${picture.url} />`)}
  </main>`;
}

render(html`<${Studio} />`, document.getElementById("studio"));
