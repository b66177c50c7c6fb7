// Sums up how far things jump that the visitor didn't ask to move (Cumulative Layout Shift, without its windows of time).
window.layoutShift = 0;
window.shifted = [];

{ // Its names are not the pages'.
  // A browser takes for asked what moves within half a second of a click. On a busy machine the answer to a form takes
  // longer: what moves until half a second after the page has been looked at again was asked for, too.
  const asked = [];
  window.isAtRest = () => asked.every(({ to }) => to < performance.now());
  for (const input of ["pointerdown", "keydown"]) {
    addEventListener(input, () => asked.push({ from: performance.now(), to: performance.now() + 500 }), { capture: true });
  }
  const send = window.fetch;
  window.fetch = async (...request) => {
    const form = request[1]?.method === "POST" && { from: performance.now(), to: Infinity, isAnswered: false };
    if (form) asked.push(form);
    const shownByThis = asked.filter((one) => one.isAnswered && one.to === Infinity);
    const answer = await send(...request);
    if (form) form.isAnswered = true;
    for (const one of shownByThis) one.to = performance.now() + 500;
    return answer;
  };

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const isAskedFor = asked.some(({ from, to }) => from <= entry.startTime && entry.startTime <= to);
      if (entry.hadRecentInput || isAskedFor) continue;
      window.layoutShift += entry.value;
      window.shifted.push(...entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? "?"));
    }
  }).observe({ type: "layout-shift", buffered: true });
}
