// A photograph by the device's camera.
import { html, useEffect, useRef, useState } from "../html.js";
import { words } from "../words.js";
import { Dialog } from "./dialog.js";

export function Camera({ onClose, onPicture }) {
  const video = useRef();
  const [fault, setFault] = useState("");
  useEffect(() => {
    let stream = null;
    let wanted = true;
    const start = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (!wanted) stop();
      else video.current.srcObject = stream;
    };
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    if (navigator.mediaDevices) start().catch(() => setFault(words.camera.none));
    else setFault(words.camera.none);
    return () => {
      wanted = false;
      stop();
    };
  }, []);
  const take = async () => {
    const { videoWidth: width, videoHeight: height } = video.current;
    if (!width) return;
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").drawImage(video.current, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
    onClose();
    onPicture(new File([blob], "camera.jpg", { type: "image/jpeg" }));
  };
  return html`<${Dialog} title=${words.camera.title} class="camera" onClose=${onClose}>
    ${fault ? html`<p role="alert">${fault}</p>` : html`<video ref=${video} autoplay playsinline muted></video>`}
    ${!fault && html`<button type="button" class="button is-primary" onClick=${take}>${words.camera.press}</button>`}
  <//>`;
}
