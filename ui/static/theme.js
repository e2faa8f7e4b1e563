// Runs before the first paint, so that a dark room never sees a white page.
(() => {
  let theme = 'system';
  try {
    theme = localStorage.getItem('ladebuch.theme') ?? 'system';
  } catch {
    // Storage may be forbidden; the system's choice is a good answer then.
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
