// A picture by its path in the API, or by an address of the page's own memory.
import { html, useEffect, useRef, useState } from "../html.js";
import { useAddress } from "../api/pictures.js";

// One observer looks at all that is far: hundreds of them would each be asked at every scroll.
const waiting = new WeakMap(); // element → what is called once it is near
let watch = null;

function whenNear(element, call) {
  watch ??= new IntersectionObserver(
    (seen) => {
      for (const { target } of seen.filter((each) => each.isIntersecting)) waiting.get(target)?.();
    },
    { rootMargin: "400px" },
  );
  waiting.set(element, call);
  watch.observe(element);
  return () => watch.unobserve(element);
}

// `far` pictures are asked for when they come near the screen. The layer behind shows that one is on its way.
export function Picture({ path, alt, width, height, far = false, class: name = "", onFail, ...rest }) {
  const [isNear, setNear] = useState(!far);
  const [state, setState] = useState("waiting");
  const box = useRef();
  useEffect(() => {
    if (isNear) return undefined;
    return whenNear(box.current, () => setNear(true));
  }, [isNear]);
  const url = useAddress(isNear ? path : "");
  return html`<span ref=${box} class="picture ${name} is-${state}">
    ${url &&
    html`<img
      src=${url}
      alt=${alt}
      width=${width}
      height=${height}
      decoding="async"
      draggable=${false}
      onLoad=${() => setState("shown")}
      onError=${() => {
        setState("missing");
        onFail?.();
      }}
      ...${rest}
    />`}
  </span>`;
}
