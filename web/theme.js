// Light or dark, and hidden while it loads. Not a module: it must run before the first paint, or a dark page would flash white.
(() => {
    const themes = ['auto', 'light', 'dark'];

    function remembered() {
        try {
            return localStorage.getItem('theme') ?? 'auto';
        } catch {
            return 'auto'; // the browser stores nothing
        }
    }

    function show(theme) {
        document.documentElement.dataset.theme = theme;
        document.dispatchEvent(new Event('theme'));
    }

    // The page appears at once when the first answers have arrived (page.js), so that nothing moves. It waits no longer than this.
    document.documentElement.classList.add('loading');
    setTimeout(() => document.documentElement.classList.remove('loading'), 2000);
    show(themes.includes(remembered()) ? remembered() : 'auto');
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
        document.dispatchEvent(new Event('theme')),
    );
    document.addEventListener('change', (event) => {
        if (event.target.name !== 'theme') return;
        show(event.target.value);
        try {
            localStorage.setItem('theme', event.target.value);
        } catch {
            // Otherwise it lasts as long as the page.
        }
    });
})();
