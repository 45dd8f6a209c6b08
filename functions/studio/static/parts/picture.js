// A picture by its path in the API, or by an address of the page's own memory.
import { html, useEffect, useRef, useState } from "../html.js";
import { useAddress } from "../api/pictures.js";

// `far` pictures are asked for when they come near the screen. The layer behind shows that one is on its way.
export function Picture({ path, alt, width, height, far = false, class: name = "", onFail, ...rest }) {
  const [isNear, setNear] = useState(!far);
  const [state, setState] = useState("waiting");
  const box = useRef();
  useEffect(() => {
    if (isNear) return undefined;
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && setNear(true), {
      rootMargin: "400px",
    });
    watch.observe(box.current);
    return () => watch.disconnect();
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
