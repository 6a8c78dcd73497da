// Four times a second, also while the page is behind others: there a browser slows down a page's own clock, and not a
// worker's.
setInterval(() => postMessage(0), 250);
