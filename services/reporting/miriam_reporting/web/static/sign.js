// Signs the message of a form with a private key that is read from a file here. The key leaves this page in no way: its
// field has no name, and what is sent is the field `signature`.

const form = document.getElementById("sign");
const encoded = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const decoded = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));

// Lines before the key, as a comment, are skipped.
const inPem = (text) => {
  const found = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(text);
  if (!found) throw new Error("no PEM");
  return decoded(found[1].replaceAll(/\s/g, ""));
};

const tell = (what) => {
  for (const each of form.querySelectorAll("[data-told]")) each.hidden = each.dataset.told !== what;
};

async function sign(file) {
  const message = new TextEncoder().encode(form.dataset.message);
  let signature;
  try {
    const key = await crypto.subtle.importKey("pkcs8", inPem(await file.text()), "Ed25519", false, ["sign"]);
    signature = await crypto.subtle.sign("Ed25519", key, message);
  } catch {
    return "no-pem";
  }
  const registered = await crypto.subtle.importKey("raw", decoded(form.dataset.key), "Ed25519", false, ["verify"]);
  if (!(await crypto.subtle.verify("Ed25519", registered, signature, message))) return "another";
  form.elements.signature.value = encoded(signature);
  return "made";
}

async function knowsEd25519() {
  try {
    await crypto.subtle.importKey("raw", decoded(form.dataset.key), "Ed25519", false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

if (form) {
  const able = await knowsEd25519();
  document.getElementById("by-file").hidden = !able;
  document.getElementById("no-crypto").hidden = able;
  document.getElementById("file").addEventListener("change", async (event) => {
    form.elements.signature.value = "";
    const [file] = event.target.files;
    tell(file ? await sign(file) : "");
  });
}
