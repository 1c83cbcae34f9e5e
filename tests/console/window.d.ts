/** The chart library, a script of its own (Debian's libjs-dygraphs). */
interface Window {
	Dygraph?: new (place: HTMLElement, points: unknown[][], options: object) => unknown;
}
