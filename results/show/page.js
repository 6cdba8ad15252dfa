/* what a page can do besides being read: tables sort, a click on a number opens what it was made of, and curves zoom and go by
 * arm. without it everything is there, as tables and pictures */
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

    /* ---- curves, by D3 (version 3), in the place of their picture; in print the picture stands ---- */

    var width = 820, height = 330, margin = {top: 26, right: 24, bottom: 46, left: 64}, next = 0;
    var dashes = [null, '7 3', '2 3', '9 3 2 3', '5 2'];

    function button(parent, text, act) {
        var b = document.createElement('button');
        b.type = 'button';
        b.textContent = text;
        b.addEventListener('click', act);
        parent.appendChild(b);
        return b;
    }

    /* the part of a series that is seen */
    function within(s, range) {
        return d3.range(s.x.length).filter(function (i) { return s.x[i] >= range[0] && s.x[i] <= range[1]; });
    }

    function xRange(panels, shown) {
        var all = d3.merge(d3.merge(panels.map(function (p) { return p.series.filter(shown).map(function (s) { return s.x; }); })
            .map(function (list) { return [d3.merge(list)]; })));
        var low = d3.min(all), high = d3.max(all);
        return low < high ? [low, high] : [low - 1, high + 1];
    }

    function yRange(panel, series, range) {
        var all = panel.levels.map(function (l) { return l.y; });
        series.forEach(function (s) {
            within(s, range).forEach(function (i) {
                all.push(s.y[i]);
                if (s.lo.length > 0) all.push(s.lo[i], s.hi[i]);
            });
        });
        if (all.length === 0) return [0, 1];
        var low = d3.min(all), high = d3.max(all), pad = low < high ? 0.06 * (high - low) : 1;
        return [low - pad, high + pad];
    }

    function drawSeries(g, s, x, y, clip) {
        var all = d3.range(s.x.length);
        if (s.lo.length > 0)
            g.append('path').attr('class', 'band').attr('clip-path', clip).attr('fill', s.colour).attr('fill-opacity', 0.15)
                .attr('d', d3.svg.area().x(function (i) { return x(s.x[i]); }).y0(function (i) { return y(s.lo[i]); })
                    .y1(function (i) { return y(s.hi[i]); })(all));
        g.append('path').attr('class', 'curve').attr('clip-path', clip).attr('fill', 'none').attr('stroke', s.colour)
            .attr('stroke-width', 2).attr('stroke-dasharray', dashes[s.place % 5])
            .attr('d', d3.svg.line().x(function (i) { return x(s.x[i]); }).y(function (i) { return y(s.y[i]); })(all));
        if (all.length > 200) return;
        var dot = g.append('g').attr('clip-path', clip).selectAll('circle').data(all).enter().append('circle');
        dot.attr('cx', function (i) { return x(s.x[i]); }).attr('cy', function (i) { return y(s.y[i]); }).attr('r', 3).attr('fill', s.colour);
        dot.append('title').text(function (i) {
            return s.label + ': ' + s.y[i].toPrecision(4) +
                (s.lo.length > 0 ? ' [' + s.lo[i].toPrecision(4) + ', ' + s.hi[i].toPrecision(4) + ']' : '') + ' at ' + s.x[i];
        });
    }

    /* where the names of levels stand, from the highest down: a line apart, and none above the picture */
    function lines(wanted) {
        var all = wanted.slice(), k;
        for (k = all.length - 2; k >= 0; k--) all[k] = Math.min(all[k], all[k + 1] - 13);
        for (k = 0; k < all.length; k++) all[k] = Math.max(all[k], k > 0 ? all[k - 1] + 13 : 12);
        return all;
    }

    function drawLevels(g, panel, x, y) {
        var levels = panel.levels.slice().sort(function (a, b) { return b.y - a.y; });
        var heights = lines(levels.map(function (l) { return y(l.y) - 4; }));
        levels.forEach(function (l, k) {
            g.append('path').attr('class', 'level').attr('d', 'M' + x.range()[0] + ' ' + y(l.y) + 'H' + x.range()[1]);
            g.append('text').attr('class', 'words').attr('x', x.range()[1] - 4).attr('y', heights[k]).attr('text-anchor', 'end').text(l.label);
        });
    }

    /* small numbers have their power of ten, so that an axis is not all zeros */
    function numbers(scale) {
        var high = d3.max(scale.domain().map(Math.abs));
        return high > 0 && high < 0.001 ? d3.format('.2e') : scale.tickFormat(6);
    }

    /* a drag over the plot chooses what is seen */
    function drawPanel(svg, panel, view) {
        var series = panel.series.filter(view.shown), range = view.range || view.whole;
        var y = d3.scale.linear().domain(yRange(panel, series, range)).range([height - margin.bottom, margin.top]);
        var text = numbers(y), left = margin.left + 7 * Math.max(0, d3.max(y.ticks(6).map(function (t) { return text(t).length; })) - 4);
        var x = d3.scale.linear().domain(range).range([left, width - margin.right]);
        var id = 'plot' + next++;
        svg.selectAll('*').remove();
        svg.append('clipPath').attr('id', id).append('rect').attr('x', left - 4).attr('y', margin.top - 4)
            .attr('width', width - left - margin.right + 8).attr('height', height - margin.top - margin.bottom + 8);
        svg.append('g').attr('class', 'axis x').attr('transform', 'translate(0,' + (height - margin.bottom) + ')')
            .call(d3.svg.axis().scale(x).orient('bottom').ticks(8));
        svg.append('g').attr('class', 'axis').attr('transform', 'translate(' + left + ',0)')
            .call(d3.svg.axis().scale(y).orient('left').ticks(6).tickFormat(text));
        if (panel.title !== null) svg.append('text').attr('class', 'words').attr('x', left + 6).attr('y', 16).text(panel.title);
        svg.append('text').attr('class', 'words').attr('x', width / 2).attr('y', height - 8).attr('text-anchor', 'middle').text(panel.x);
        svg.append('text').attr('class', 'words').attr('text-anchor', 'middle')
            .attr('transform', 'translate(14,' + height / 2 + ') rotate(-90)').text(panel.y);
        var g = svg.append('g');
        drawLevels(g, panel, x, y);
        series.forEach(function (s) { drawSeries(g, s, x, y, 'url(#' + id + ')'); });
        var brush = d3.svg.brush().x(x);
        brush.on('brushend', function () {
            var chosen = brush.extent();
            if (!brush.empty()) view.look(chosen[0], chosen[1]);
        });
        var b = svg.insert('g', 'g').attr('class', 'brush').call(brush);
        b.selectAll('rect').attr('y', margin.top).attr('height', height - margin.top - margin.bottom);
    }

    /* the legend is a row of switches */
    function addLegend(parent, panels, view) {
        var seen = {};
        panels.forEach(function (p) {
            p.series.forEach(function (s) {
                if (Object.prototype.hasOwnProperty.call(seen, s.label)) return;
                seen[s.label] = true;
                var b = button(parent, '', function () {
                    view.hidden[s.label] = !view.hidden[s.label];
                    b.setAttribute('aria-pressed', view.hidden[s.label] ? 'false' : 'true');
                    view.draw();
                });
                var swatch = d3.select(b).append('svg').attr('width', 34).attr('height', 10).attr('aria-hidden', 'true');
                swatch.append('path').attr('d', 'M1 5h32').attr('stroke', s.colour).attr('stroke-width', 3).attr('stroke-dasharray', dashes[s.place % 5]);
                b.appendChild(document.createTextNode(' ' + s.label));
                b.setAttribute('aria-pressed', 'true');
                b.className = 'arm';
            });
        });
    }

    function addChart(figure) {
        var script = figure.querySelector('script'), img = figure.querySelector('img');
        if (script === null || img === null) return;
        var panels = JSON.parse(script.textContent), box = document.createElement('div'), view = {hidden: Object.create(null), range: null};
        box.className = 'live';
        figure.insertBefore(box, img);
        img.className += ' still';
        var tools = document.createElement('div');
        tools.className = 'tools';
        box.appendChild(tools);
        view.shown = function (s) { return !view.hidden[s.label]; };
        view.whole = xRange(panels, function () { return true; });
        view.look = function (low, high) {
            low = Math.max(low, view.whole[0]);
            high = Math.min(high, view.whole[1]);
            view.range = high > low ? [low, high] : null;
            view.draw();
        };
        function scale(by) {
            var now = view.range || view.whole, middle = (now[0] + now[1]) / 2, half = by * (now[1] - now[0]) / 2;
            view.look(middle - half, middle + half);
        }
        button(tools, 'zoom in', function () { scale(0.5); });
        button(tools, 'zoom out', function () { scale(2); });
        button(tools, 'whole range', function () { view.range = null; view.draw(); });
        addLegend(tools, panels, view);
        var drawings = panels.map(function (p) {
            return d3.select(box).append('svg').attr('viewBox', '0 0 ' + width + ' ' + height).attr('role', 'img')
                .attr('aria-label', (p.title !== null ? p.title + '; ' : '') + img.alt);
        });
        view.draw = function () { panels.forEach(function (p, k) { drawPanel(drawings[k], p, view); }); };
        view.draw();
    }

    if (window.d3) document.querySelectorAll('figure').forEach(addChart);
}());
