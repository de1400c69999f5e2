// Libraries whose types are not checked; read by `tsc`, never by a browser.
declare module 'three';
declare module 'uplot';
