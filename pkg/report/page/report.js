const box = document.getElementById("filter");
if (box) {
  box.hidden = false;
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of document.querySelectorAll("details.principal")) {
      row.hidden = !words.every((word) => row.dataset.key.includes(word));
    }
  });
}
