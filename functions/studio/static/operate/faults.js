// On a laptop: faults of its emulators, switched on to see what becomes of jobs then.
import { checked, getJson, send } from "../api/client.js";
import { html, useEffect, useState } from "../html.js";
import { explain } from "../parts/explain.js";
import { say } from "../parts/notices.js";
import { words } from "../words.js";

const said = words.faults;
const ADDRESS = "/laptop/faults";
const SHARES = [0, 0.05, 0.2, 0.5, 1]; // of requests
const SECONDS = [0, 0.2, 1, 5];
const OFF = { "vertex.seconds": 600 }; // where nothing is another value than 0
const SHOWN = ["storage", "pubsub", "vertex"];

const offOf = (server, fault) => OFF[`${server}.${fault}`] ?? 0;
const isTime = (fault) => said.times.includes(fault);

export function Faults() {
  const [found, setFound] = useState(null);
  useEffect(() => {
    getJson(ADDRESS).then(setFound, () => {}); // a laptop without a stack has none
  }, []);
  if (!found) return null;
  const servers = SHOWN.filter((server) => found[server]);
  const isOn = servers.some((server) => faultsOf(found, server).some(([fault, value]) => value !== offOf(server, fault)));
  const put = async (change) => {
    try {
      const body = JSON.stringify(change);
      const headers = { "Content-Type": "application/json" };
      setFound(await (await checked(await send(ADDRESS, { method: "PUT", body, headers }))).json());
      say(said.done, { shown: true });
    } catch (error) {
      say(explain(error).why, { shown: true, bad: true });
    }
  };
  const off = () => put(Object.fromEntries(servers.map((server) => [server, Object.fromEntries(faultsOf(found, server).map(([fault]) => [fault, offOf(server, fault)]))])));
  return html`<section class="operate-part faults" aria-labelledby="faults">
    <div class="faults-head">
      <h2 id="faults">${said.title}</h2>
      ${isOn && html`<span class="tag is-on">${said.on}</span>`}
      <button type="button" class="button is-small" disabled=${!isOn} onClick=${off}>${said.off}</button>
    </div>
    <p class="quiet">${said.text}</p>
    <div class="faults-servers">${servers.map((server) => html`<${Server} key=${server} name=${server} faults=${faultsOf(found, server)} put=${put} />`)}</div>
  </section>`;
}

const faultsOf = (found, server) => Object.entries(found[server]).filter(([fault]) => fault !== "seed");

function Server({ name, faults, put }) {
  return html`<fieldset class="card fault-server">
    <legend>${said.servers[name]}</legend>
    ${faults.map(
      ([fault, value]) => html`<label key=${fault} class="field">
        <span>${said.names[fault] ?? fault}</span>
        <select value=${String(value)} onChange=${(event) => put({ [name]: { [fault]: Number(event.target.value) } })}>
          ${valuesOf(name, fault, value).map((each) => html`<option key=${each} value=${String(each)} selected=${each === value}>${nameOf(name, fault, each)}</option>`)}
        </select>
      </label>`,
    )}
  </fieldset>`;
}

function valuesOf(server, fault, value) {
  const usual = isTime(fault) ? SECONDS.filter((each) => each || !offOf(server, fault)) : SHARES;
  return [...new Set([offOf(server, fault), ...usual, value])].sort((a, b) => a - b);
}

function nameOf(server, fault, value) {
  if (value === offOf(server, fault)) return isTime(fault) && value ? said.seconds(value) : said.none;
  return isTime(fault) ? said.seconds(value) : said.share(Math.round(value * 100));
}
