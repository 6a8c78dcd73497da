// Four times a second, also while the page is behind others: a browser slows down a page's own clock there, not a worker's.
setInterval(() => postMessage(0), 250);
