// What the other modules share: an element by its id, the announcer, and the token that the browser has now.
export const byId = (id) => document.getElementById(id);

export const say = (sentence) => {
  byId("announcer").textContent = sentence;
};

// A log-in in another tab changes it.
export const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
