// Asks for the key, where the deployment wants one.
import { html, useState } from "../html.js";
import { isKey, session, setKey } from "../state/session.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

export function SignIn() {
  const refused = useStore(session, (now) => now.refused);
  const [text, setText] = useState("");
  const [fault, setFault] = useState(refused ? words.signIn.wrong : "");
  const press = (event) => {
    event.preventDefault();
    if (isKey(text.trim())) setKey(text.trim());
    else setFault(words.signIn.noKey);
  };
  return html`<${Dialog} title=${words.signIn.title} class="sign-in">
    <p>${words.signIn.text}</p>
    <form onSubmit=${press} class="column" autocomplete="off">
      <label class="field"
        ><span>${words.signIn.label}</span>
        <input
          type="password"
          autocomplete="off"
          spellcheck=${false}
          required
          value=${text}
          aria-invalid=${fault ? "true" : undefined}
          aria-describedby="sign-in-fault"
          onInput=${(event) => setText(event.target.value)}
      /></label>
      <p id="sign-in-fault" class="fault" role="alert">${fault}</p>
      <button class="button is-primary">${words.signIn.press}</button>
    </form>
  <//>`;
}
