package config

// Parse is Load without the file.
func Parse(data []byte) (*Config, error) {
	return parseConfig("pipetidy.yaml", "/etc/pipetidy/pipetidy.yaml", data)
}

// Nearest is nearest.
var Nearest = nearest
