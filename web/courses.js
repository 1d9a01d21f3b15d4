// The table of courses.
import { CourseRow, columns } from './course_row.js';
import { element } from './element.js';
import { Background, commonReason } from './reasons.js';
import { say } from './text.js';

export class CourseTable {
    #rows = new Map();
    background = new Background();
    chosen = ''; // the exchanger that the reader has chosen, if any

    constructor(place) {
        this.place = place;
    }

    /// `courses` as received; `exchanger` is the exchanger that they belong to.
    build(courses, exchanger) {
        const opened = [...this.#rows].find(([, row]) => row.detail)?.[0];
        for (const row of this.#rows.values()) row.close();
        this.exchanger = exchanger;
        this.#rows = new Map([...courses.keys()].map((direction) => [direction, new CourseRow(this, direction)]));
        const head = element('tr', { role: 'row', class: 'row names' });
        for (const column of columns) {
            head.append(
                element(
                    'th',
                    { role: 'columnheader', scope: 'col', class: column },
                    element('span', {}, say(`column_${column}`)),
                ),
            );
        }
        const body = element('tbody', { role: 'rowgroup' });
        for (const row of this.#rows.values()) body.append(row.node, row.place);
        this.place.replaceChildren(
            element(
                'table',
                { role: 'table', 'aria-labelledby': 'courses-head' },
                element('thead', { role: 'rowgroup' }, head),
                body,
            ),
        );
        if (this.#rows.has(opened)) this.#rows.get(opened).open();
    }

    /// Another exchanger is shown from now on. The rows stay, so the scroll position does too.
    change(exchanger) {
        this.exchanger = exchanger;
        for (const row of this.#rows.values()) {
            row.spark.clear();
            row.day = null;
            row.detail?.follow(exchanger);
        }
    }

    rows() {
        return this.#rows;
    }

    /// Whether the service keeps history. Without it there is no column of days.
    showPast(isThere) {
        this.place.classList.toggle('without-past', !isThere);
    }

    /// Only one row is open at a time.
    opened(row) {
        for (const other of this.#rows.values()) if (other !== row) other.close();
    }

    /// Returns the state of each course, and the reason that most of them share if none has a price. The rows do not repeat it.
    show(courses, now, lostFor) {
        const rows = [...this.#rows].filter(([direction]) => courses.has(direction));
        for (const [direction, row] of rows) row.judge(courses.get(direction), now, lostFor);
        const common = commonReason(rows.map(([, row]) => row.why));
        for (const [, row] of rows) row.show(common);
        return { kinds: new Map(rows.map(([direction, row]) => [direction, row.kind])), common };
    }
}
