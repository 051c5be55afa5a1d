// What the other modules share: an element by its id, the announcer, what follows a swap, and the current CSRF token.
export const byId = (id) => document.getElementById(id);

export const say = (sentence) => {
  byId("announcer").textContent = sentence;
};

export const afterSwap = (follow) => {
  document.addEventListener("htmx:afterSwap", follow);
  document.addEventListener("htmx:oobAfterSwap", follow);
  follow();
};

// A log-in in another tab changes it.
export const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
