"""Google's interface: generateContent, models and Imagen's predict, under every prefix that clients use."""
