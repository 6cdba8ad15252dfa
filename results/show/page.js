/* what a page can do besides being read: tables sort, and a click on a number opens what it was made of */
(function () {
    'use strict';

    /* numbers by value, missing ones last, texts by the alphabet; equal ones keep their order */
    function compare(j, sign) {
        return function (a, b) {
            var x = a.cells[j], y = b.cells[j];
            if (x.hasAttribute('data-v') && y.hasAttribute('data-v')) return sign * (x.dataset.v - y.dataset.v);
            if (x.hasAttribute('data-v') !== y.hasAttribute('data-v')) return x.hasAttribute('data-v') ? -1 : 1;
            return sign * x.textContent.localeCompare(y.textContent, 'en', {numeric: true});
        };
    }

    function sort(table, j) {
        var head = table.tHead.rows[0].cells, body = table.tBodies[0];
        var up = head[j].getAttribute('aria-sort') !== 'ascending';
        for (var k = 0; k < head.length; k++) head[k].removeAttribute('aria-sort');
        head[j].setAttribute('aria-sort', up ? 'ascending' : 'descending');
        Array.from(body.rows).sort(compare(j, up ? 1 : -1)).forEach(function (row) { body.appendChild(row); });
    }

    document.querySelectorAll('table').forEach(function (table) {
        if (table.tHead === null) return;
        Array.from(table.tHead.rows[0].cells).forEach(function (cell, j) {
            var button = document.createElement('button');
            button.type = 'button';
            button.textContent = cell.textContent;
            button.addEventListener('click', function () { sort(table, j); });
            cell.textContent = '';
            cell.appendChild(button);
        });
        table.tBodies[0].addEventListener('click', function (event) {
            var row = event.target.closest('tr'), link = row && row.querySelector('th a');
            if (link && event.target.closest('a') === null) link.click();
        });
    });

    /* what is linked to is seen, wherever it is folded away */
    function open() {
        var target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
        for (var e = target; e !== null; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
        if (target !== null) target.scrollIntoView();
    }
    window.addEventListener('hashchange', open);
    open();
}());
