/** Holds the state, keeps the URL fragment equal to it, and tells the parts of the page when it changes. */

import type { Corpus } from "./data.ts";
import { format, parse, type State } from "./state.ts";

export type Listener = (state: State, before: State) => void;

export class Store {
  state: State;
  private readonly listeners: Listener[] = [];

  constructor(private readonly corpus: Corpus) {
    this.state = parse(location.hash, corpus.data);
    const reread = () => this.become(parse(location.hash, corpus.data));
    addEventListener("hashchange", reread);
    addEventListener("popstate", reread);
  }

  /** Calls at every change. */
  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** A step that Back undoes. Where to go is said anew each time. */
  set(change: Partial<State>): void {
    this.write({ ...this.state, at: "", ...change }, "pushState");
  }

  /** A change within a step, such as typing. */
  adjust(change: Partial<State>): void {
    this.write({ ...this.state, at: "", ...change }, "replaceState");
  }

  /** The address of another state of this page. */
  address(state: State): string {
    return location.href.replace(/#.*$/, "") + format(state, this.corpus.data);
  }

  private write(state: State, how: "pushState" | "replaceState"): void {
    const address = this.address(state);
    try {
      if (address !== location.href) history[how](null, "", address);
    } catch {
      // Some viewers forbid it, and browsers refuse too many changes a second. The view changes all the same.
    }
    this.become(state);
  }

  private become(state: State): void {
    const before = this.state;
    this.state = state;
    this.listeners.forEach((listener) => listener(state, before));
  }
}
