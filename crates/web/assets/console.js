// The console: parts that say so show what is now, every two seconds, while they are seen.
const PAUSE = 2000;

// Changes only what differs, so that what moves goes on moving, and what is read out is only what is new.
function update(old, fresh) {
  if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh.cloneNode(true));
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  updateChildren(old, fresh);
}

function updateChildren(old, fresh) {
  const present = [...old.childNodes];
  [...fresh.childNodes].forEach((node, place) => {
    if (place < present.length) update(present[place], node);
    else old.append(node.cloneNode(true));
  });
  present.slice(fresh.childNodes.length).forEach((node) => node.remove());
}

async function refresh(part) {
  const answer = await fetch(part.dataset.refresh, { redirect: "manual" }).catch(() => null);
  // Whose session has ended is led to sign in.
  if (answer?.type === "opaqueredirect") return location.reload();
  part.classList.toggle("stale", !answer?.ok);
  if (!answer?.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  updateChildren(part, fresh.content);
}

// Where one is, also where not all pages fit into a phone's width.
document.querySelector(".top [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

for (const part of document.querySelectorAll("[data-refresh]")) {
  const again = async () => {
    if (!document.hidden) await refresh(part);
    setTimeout(again, PAUSE);
  };
  setTimeout(again, PAUSE);
}
