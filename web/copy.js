// Buttons that copy a text to the clipboard.
import { drawing, element, setAttribute } from './element.js';
import { say } from './text.js';

const shownFor = 1500; // ms
const shapes = {
    value: 'M6 6h8v8H6zM10 6V2H2v8h4',
    link: 'M7 9a3 3 0 0 0 4.2 0l2-2A3 3 0 0 0 9 2.8l-1 1M9 7a3 3 0 0 0-4.2 0l-2 2A3 3 0 0 0 7 13.2l1-1',
    yes: 'M3 8.5l3.5 3.5L13 5',
    no: 'M4 4l8 8M12 4l-8 8',
};

export class CopyButton {
    /// `read` returns the text, or null if there is none now. The result is announced by the event `said`.
    constructor(shape, label, read) {
        this.shape = shape;
        this.line = drawing('path', { d: shapes[shape] });
        const icon = drawing('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' });
        icon.append(this.line);
        this.node = element('button', { type: 'button', title: label, 'aria-label': label }, icon);
        this.node.addEventListener('click', async () => {
            const text = read();
            if (text !== null) this.#show(await copyText(text));
        });
    }

    /// A button without a text keeps the focus, so it is not disabled.
    setPossible(isPossible) {
        setAttribute(this.node, 'aria-disabled', String(!isPossible));
    }

    #show(isDone) {
        clearTimeout(this.timer);
        this.node.dataset.done = isDone ? 'yes' : 'no';
        this.line.setAttribute('d', shapes[isDone ? 'yes' : 'no']);
        document.dispatchEvent(new CustomEvent('said', { detail: say(isDone ? 'copied' : 'copy_failed') }));
        this.timer = setTimeout(() => {
            delete this.node.dataset.done;
            this.line.setAttribute('d', shapes[this.shape]);
        }, shownFor);
    }
}

/// Returns whether it was copied. Browsers have the clipboard only with HTTPS or on the own machine.
async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copySelected(text);
    }
}

function copySelected(text) {
    const focused = document.activeElement;
    const field = element('textarea', { class: 'hidden', 'aria-hidden': 'true', readonly: true });
    field.value = text;
    document.body.append(field);
    field.select();
    try {
        return document.execCommand('copy');
    } catch {
        return false;
    } finally {
        field.remove();
        focused?.focus({ preventScroll: true });
    }
}
