// The API documentation page, rendered from the service's own OpenAPI document.
(() => {
    const place = document.getElementById('api');

    function showTheme() {
        const { dataset, classList } = document.documentElement;
        const isSystemDark = matchMedia('(prefers-color-scheme: dark)').matches;
        classList.toggle('dark-mode', dataset.theme === 'auto' ? isSystemDark : dataset.theme === 'dark');
    }

    /// The library leaves some controls without a name, and what scrolls out of reach of the keyboard.
    function completeControls() {
        for (const text of place.querySelectorAll('pre:not([tabindex])')) text.tabIndex = 0;
        for (const control of place.querySelectorAll(':is(input, select, textarea):not([aria-label])')) {
            if (control.labels.length > 0) continue;
            const { paramName } = control.closest('[data-param-name]')?.dataset ?? {};
            const { code } = control.closest('[data-code]')?.dataset ?? {};
            const isExample = control.classList.contains('examples-select-element');
            const name = paramName ?? (code ? `response ${code}` : 'request body');
            control.setAttribute('aria-label', isExample ? `${name}: example` : name);
        }
    }

    /// Changes of the library's components, for assistive technology: no link within the button that opens an operation;
    /// a landmark around the introduction, with the heading above those of the operations.
    const accessible = ({ React: { createElement } }) => ({
        components: { DeepLink: ({ text }) => createElement('span', {}, text) },
        wrapComponents: {
            InfoContainer: (Original) => (properties) =>
                createElement(
                    'section',
                    { 'aria-labelledby': 'reference' },
                    createElement('h2', { id: 'reference' }, 'Reference'),
                    createElement(Original, properties),
                ),
        },
    });

    showTheme();
    document.addEventListener('theme', showTheme); // theme.js
    new MutationObserver(completeControls).observe(place, { childList: true, subtree: true });
    window.SwaggerUIBundle({
        url: '/openapi.json',
        dom_id: '#api',
        deepLinking: true,
        docExpansion: 'list',
        defaultModelsExpandDepth: 0,
        displayRequestDuration: true,
        tryItOutEnabled: true,
        validatorUrl: null,
        syntaxHighlight: { theme: 'tomorrow-night' },
        plugins: [accessible],
    });
})();
