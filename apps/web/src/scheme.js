// Runs before the page is painted, so that nobody sees a flash of the wrong colours. A file of its own, because the
// content security policy lets no script stand in the page.
(() => {
  const wish = localStorage.getItem('mantine-color-scheme-value');
  const dark = wish === 'dark' || (wish !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
